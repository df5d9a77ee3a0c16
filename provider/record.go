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

// Environment variables that `make verify-cloud` sets, and nothing else needs.
const (
	// envRecord names a file for the shapes of what AWS and Qlik Cloud answer: fields and types, no values.
	envRecord = "QLIK_TASK_CHAIN_RECORD"
	// envHurry, when set, leaves out the waits that only AWS needs: for its quotas, and until a new API key is known to all of API
	// Gateway. It counts with an AWS on this machine only.
	envHurry = "QLIK_TASK_CHAIN_HURRY"
)

// openRecord is the process's one record, nil without envRecord.
var openRecord = sync.OnceValues(func() (*shape.Recorder, error) {
	name := os.Getenv(envRecord)
	if name == "" {
		return nil, nil // a nil Recorder records nothing
	}
	return shape.Open(name)
})

// recorded is the HTTP client for Qlik Cloud, nil without a record: the client's own then.
func recorded(record *shape.Recorder) *http.Client {
	if record == nil {
		return nil
	}
	return &http.Client{Transport: record.Transport("Qlik Cloud", nil)}
}

// hurried is the patience with an AWS at this endpoint, which has nothing to wait for if it is on this machine and envHurry is set.
func (p patience) hurried(endpoint string) patience {
	u, err := url.Parse(endpoint)
	if err == nil && os.Getenv(envHurry) != "" && qlik.IsLoopback(u.Hostname()) {
		p.keyOverlap, p.speed = 300*time.Millisecond, 1000
	}
	return p
}
