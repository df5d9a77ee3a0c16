// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// refusals are what AWS's services answer to a change that they will take a moment later, by the scope of the service. Which operations
// of a service can be answered so is documented for each; a refusal that one of them never gives does no harm here.
var refusals = map[string][]*wire.Error{
	"apigateway": {wire.Errorf(409, "ConflictException", "Unable to complete operation due to concurrent modification. Please try again.")},
	"dynamodb": {
		wire.Errorf(400, "ResourceInUseException", "Attempt to change a resource which is still in use: Table is being updated"),
		wire.Errorf(400, "LimitExceededException", "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted "+
			"simultaneously"),
	},
	"events":     {wire.Errorf(400, "ConcurrentModificationException", "Rule dbt is being modified concurrently.")},
	"iam":        {wire.Errorf(409, "ConcurrentModification", "multiple requests to change this object were submitted simultaneously.")},
	"lambda":     {wire.Errorf(409, "ResourceConflictException", "The operation cannot be performed at this time. An update is in progress")},
	"logs":       {wire.Errorf(400, "OperationAbortedException", "A conflicting operation is currently in progress against this resource.")},
	"monitoring": {wire.Errorf(429, "ConcurrentModificationException", "More than one process tried to modify a resource at the same time.")},
	"scheduler":  {wire.Errorf(409, "ConflictException", "Updating or deleting the resource can cause an inconsistent state.")},
	"ssm":        {wire.Errorf(400, "TooManyUpdates", "There are concurrent updates for a resource that supports one update at a time.")},
}

// refusalsOf are those of single operations.
var refusalsOf = map[string]*wire.Error{
	"dynamodb UpdateContinuousBackups": wire.Errorf(400, "ContinuousBackupsUnavailableException", "Backups are being enabled for the table."),
	"events DeleteRule":                wire.Errorf(400, "ValidationException", "Rule can't be deleted since it has targets."),
	"iam DeleteRole":                   wire.Errorf(409, "DeleteConflict", "Cannot delete entity, must delete policies first."),
	"iam PutRolePolicy":                wire.Errorf(404, "NoSuchEntity", "The role cannot be found."),
	"sqs CreateQueue":                  wire.Errorf(400, "AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds."),
}

// TestAccTransientErrors lets AWS refuse each change once, and once more for every further reason that passes, while a chain is created,
// changed and destroyed. None of it surfaces.
func TestAccTransientErrors(t *testing.T) {
	t.Parallel()
	var changes [][]string // of each operation
	operations := faultyOperations()
	h, l := operations[0].prepare(t)
	for _, operation := range operations {
		h.ResetProviderCalls()
		if err := operation.run(l, h); err != nil {
			t.Fatal(err)
		}
		writes := h.writes()
		slices.Sort(writes)
		changes = append(changes, slices.Compact(writes))
	}
	h, l = operations[0].prepare(t)
	refused := 0
	for i, operation := range operations {
		h.Cloud.Faults().Clear()
		for _, call := range changes[i] {
			scope, name, _ := strings.Cut(call, " ")
			all := slices.Clone(refusals[scope])
			if one := refusalsOf[call]; one != nil {
				all = append(all, one)
			}
			for _, refusal := range all {
				h.Cloud.Faults().Add(cloud.Fault{Service: scope, Operation: name, Times: 1, Kind: cloud.FaultRefuse, Refusal: refusal})
				refused++
			}
		}
		if err := operation.run(l, h); err != nil {
			t.Fatalf("%s: %v", operation.name, err)
		}
		if operation.config != "" {
			if err := errors.Join(l.expectNoChange(), h.oneOfEachAnd(1)); err != nil {
				t.Fatalf("%s: %v", operation.name, err)
			}
		}
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
	met := 0
	for _, call := range h.Cloud.Calls() {
		if call.Role == "" && isRefusal(call) {
			met++
		}
	}
	t.Logf("refusals: %d planned, %d met, none surfaced", refused, met)
	if met != refused {
		t.Errorf("%d of %d refusals were met", met, refused)
	}
}

// isRefusal reports whether a call was answered with one of the refusals.
func isRefusal(call cloud.Call) bool {
	if one := refusalsOf[call.Service+" "+call.Operation]; one != nil && one.Code == call.Error {
		return true
	}
	return slices.ContainsFunc(refusals[call.Service], func(e *wire.Error) bool { return e.Code == call.Error })
}
