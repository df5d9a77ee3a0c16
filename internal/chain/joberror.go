// SPDX-License-Identifier: MPL-2.0

package chain

// JobError says why a reload, an automation's run or a data task's run failed, in Qlik Cloud's words.
type JobError struct {
	Code    string   `json:"code,omitempty"`
	Message string   `json:"message,omitempty"`
	Log     []string `json:"log,omitempty"` // the last lines of the script's log, only with failure_log
}
