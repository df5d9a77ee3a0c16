// SPDX-License-Identifier: MPL-2.0

package stack

// The content types of Qlik Cloud's deliveries. Which one a pure CloudEvents delivery has is not documented: CloudEvents' HTTP binding has
// application/cloudevents+json, Qlik Cloud's deliveries so far had application/json.
var deliveryMediaTypes = []string{"application/json", "application/cloudevents+json"}

// charsetSpellings are how HTTP clients write the one parameter that JSON's content type has in practice.
var charsetSpellings = []string{"", "; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8"}

// deliveryTemplates are the mapping template by each content type that a delivery may have. AWS says that the value of the Content-Type
// header is the key (https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html), and not whether parameters are a part of
// it. If they are not, the keys without one take every delivery. If they are, each spelling needs a key of its own: a delivery without
// one is answered 415 and lost.
func deliveryTemplates() map[string]string {
	templates := map[string]string{}
	for _, mediaType := range deliveryMediaTypes {
		for _, charset := range charsetSpellings {
			templates[mediaType+charset] = deliveryTemplate
		}
	}
	return templates
}
