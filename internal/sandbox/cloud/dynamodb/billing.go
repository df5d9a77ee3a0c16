// SPDX-License-Identifier: MPL-2.0

package dynamodb

const (
	payPerRequest = "PAY_PER_REQUEST"
	provisioned   = "PROVISIONED"
)

// throughput is a table's provisioned throughput; the zero value is capacity on demand. The sandbox stores and returns it, but limits
// nothing.
type throughput struct{ ReadCapacityUnits, WriteCapacityUnits int }

func (c throughput) mode() string {
	if c == (throughput{}) {
		return payPerRequest
	}
	return provisioned
}

// setBilling sets the billing mode and the provisioned throughput.
func (t *table) setBilling(mode string, units *throughput) error {
	switch {
	case mode == payPerRequest && units != nil:
		return validation("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case mode == payPerRequest:
		t.throughput = throughput{}
	case mode != provisioned:
		return constraint(mode, "billingMode", "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]")
	case units == nil:
		return validation("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	case units.ReadCapacityUnits < 1 || units.WriteCapacityUnits < 1:
		return validation("ReadCapacityUnits and WriteCapacityUnits must be at least 1")
	default:
		t.throughput = *units
	}
	return nil
}
