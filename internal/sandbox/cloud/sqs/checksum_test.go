// SPDX-License-Identifier: MPL-2.0

package sqs

import "testing"

// TestChecksumOfAttributes computes checksums that SQS has answered with.
func TestChecksumOfAttributes(t *testing.T) {
	t.Parallel()
	got := md5OfAttributes(map[string]messageAttribute{"timestamp": {DataType: "Number", StringValue: "1493147359900"}})
	if want := "235c5c510d26fb653d073faed50ae77c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := md5OfAttributes(nil); got != "" {
		t.Errorf("a checksum of nothing: %s", got)
	}
}
