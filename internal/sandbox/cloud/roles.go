// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
)

// serviceRoles checks the roles that services assume.
type serviceRoles struct{ *iam.Service }

// CanAssume reports whether a service can assume a role for one of its objects, by ARN.
func (r serviceRoles) CanAssume(roleARN, service, source string) bool {
	return r.CanAssumeFor(roleARN, service, source)
}

// Allows reports whether a role's policies allow an action on a resource. A role that does not exist may do nothing.
func (r serviceRoles) Allows(roleARN, action, resource string) bool {
	role, found := r.RoleByARN(roleARN)
	return found && r.Decide(role.Name, action, resource) == policy.Allow
}
