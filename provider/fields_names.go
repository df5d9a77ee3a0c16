// SPDX-License-Identifier: MPL-2.0

package provider

import "strings"

// elsewhere says where users set what is no attribute here, though other providers have it.
var elsewhere = map[string]string{
	"access_key": inEnvironment, "secret_key": inEnvironment, "token": inEnvironment,
}

const inEnvironment = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the environment."

// elementExample returns the example of one element of a map of objects.
func elementExample(name string) string {
	_, element, _ := strings.Cut(examples[name], " = ")
	return strings.TrimSuffix(element, " }")
}
