// SPDX-License-Identifier: MPL-2.0

package chain

// JobError says why a reload, an automation's run or a data task's run failed, in Qlik Cloud's words.
type JobError struct {
	Code    string   `json:"code,omitempty"`
	Message string   `json:"message,omitempty"`
	Log     []string `json:"log,omitempty"` // the last lines of the script's log, only with failure_log
}

// Words returns the reason for people: the message, and the code in parentheses. It is empty if neither is known.
func (e *JobError) Words() string {
	switch {
	case e == nil:
		return ""
	case e.Message == "":
		return e.Code
	case e.Code == "":
		return e.Message
	default:
		return e.Message + " (" + e.Code + ")"
	}
}
