// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/shape"
)

// These environment variables are only for `make verify-cloud`.
const (
	// envRecord names a file for the shapes of AWS's and Qlik Cloud's answers: fields and types, no values.
	envRecord = "QLIK_TASK_CHAIN_RECORD"
	// envHurry, when set, skips the waits that only the real AWS needs: for its quotas, and until all of API Gateway knows a new API key.
	// It works only with an emulator on this machine.
	envHurry = "QLIK_TASK_CHAIN_HURRY"
)

// openRecord opens the process's only record. It returns nil without envRecord.
var openRecord = sync.OnceValues(func() (*shape.Recorder, error) {
	name := os.Getenv(envRecord)
	if name == "" {
		return nil, nil // a nil Recorder records nothing
	}
	return shape.Open(name)
})

// recorded returns the HTTP client for Qlik Cloud. It is nil without a record: then the client uses its own.
func recorded(record *shape.Recorder) *http.Client {
	if record == nil {
		return nil
	}
	return &http.Client{Transport: record.Transport("Qlik Cloud", nil)}
}

// hurried returns the patience with AWS at this endpoint. There is nothing to wait for if AWS is on this machine and envHurry is set.
func (p waits) hurried(endpoint string) waits {
	u, err := url.Parse(endpoint)
	if err == nil && os.Getenv(envHurry) != "" && qlik.IsLoopback(u.Hostname()) {
		p.keyOverlap, p.speed = 300*time.Millisecond, 1000
	}
	return p
}
