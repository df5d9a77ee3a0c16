// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"
)

// TestRecordIsOff checks that the provider records nothing without the variables of `make verify-cloud`, and waits for AWS as long as AWS
// needs. With the variables, it waits likewise for an AWS that is not on this machine.
func TestRecordIsOff(t *testing.T) {
	record, err := openRecord()
	if record != nil || err != nil {
		t.Errorf("there is a record: %v, %v", record, err)
	}
	if client := recorded(record); client != nil {
		t.Errorf("Qlik Cloud's client is %v", client)
	}
	if got := defaultWaits.hurried("http://127.0.0.1:4566"); got != defaultWaits {
		t.Errorf("it hurries without having been asked: %+v", got)
	}
	t.Setenv(envHurry, "1")
	for _, endpoint := range []string{"", "https://vpce-1.apigateway.eu-west-1.vpce.amazonaws.com", "http://10.0.0.1:4566"} {
		if got := defaultWaits.hurried(endpoint); got != defaultWaits {
			t.Errorf("it hurries with an AWS at %q: %+v", endpoint, got)
		}
	}
	if got := defaultWaits.hurried("http://127.0.0.1:4566"); got.speed <= defaultWaits.speed ||
		got.keyOverlap >= defaultWaits.keyOverlap {
		t.Errorf("it does not hurry: %+v", got)
	}
}
