// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// The apps of examples/nightly, and one app outside of every chain.
const (
	AppExtract   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"
	AppExtractHR = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06"
	AppTransform = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
	AppDashboard = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
	AppFallback  = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c04"
	AppArchive   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c05"
	AppOutside   = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c99"
)

// NightlyApps returns the apps of the examples. Each reload takes the given time.
func NightlyApps(reload time.Duration) []tenant.App {
	var apps []tenant.App
	for _, app := range []struct{ id, name string }{
		{AppExtract, "Extract sales"}, {AppExtractHR, "Extract HR"}, {AppTransform, "Transform"}, {AppDashboard, "Dashboard"},
		{AppFallback, "Yesterday's figures"}, {AppArchive, "Archive"}, {AppOutside, "Another team's app"},
	} {
		apps = append(apps, tenant.App{ID: app.id, Name: app.name, Duration: reload})
	}
	return apps
}
