package awsjson

import "testing"

// The domains of AWS's partitions.
func TestRegional(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-central-1":    "https://ssm.eu-central-1.amazonaws.com",
		"us-gov-west-1":   "https://ssm.us-gov-west-1.amazonaws.com",
		"cn-north-1":      "https://ssm.cn-north-1.amazonaws.com.cn",
		"eusc-de-east-1":  "https://ssm.eusc-de-east-1.amazonaws.eu",
		"us-iso-east-1":   "https://ssm.us-iso-east-1.c2s.ic.gov",
		"xx-someday-new1": "https://ssm.xx-someday-new1.amazonaws.com",
	} {
		if got, err := regional(t.Context(), Service{ID: "SSM", Scope: "ssm"}, region); err != nil || got != want {
			t.Errorf("regional(%s) = %s, %v; want %s", region, got, err, want)
		}
	}
}
