// SPDX-License-Identifier: MPL-2.0

package stack

// deliveryMediaTypes are the content types of Qlik Cloud's deliveries. Qlik does not document which one a delivery in pure CloudEvents form
// has. CloudEvents' HTTP binding prescribes application/cloudevents+json. Qlik Cloud's deliveries so far had application/json.
var deliveryMediaTypes = []string{"application/json", "application/cloudevents+json"}

// charsetSpellings are the spellings that HTTP clients use for charset, the only parameter that JSON's content type has in practice.
var charsetSpellings = []string{"", "; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8"}

// deliveryTemplates returns the mapping template for each content type that a delivery may have. AWS documents that the key is the value of
// the Content-Type header (https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html). It does not document whether the
// parameters belong to the key. If they do not, the keys without parameters take every delivery. If they do, each spelling needs its own
// key: without one, API Gateway answers 415 and the delivery is lost.
func deliveryTemplates() map[string]string {
	templates := map[string]string{}
	for _, mediaType := range deliveryMediaTypes {
		for _, charset := range charsetSpellings {
			templates[mediaType+charset] = deliveryTemplate
		}
	}
	return templates
}
