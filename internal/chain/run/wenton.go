// SPDX-License-Identifier: MPL-2.0

package run

// WentOn reports that another run goes on with a step that has no result yet: a pause parked the starts of both, and this one is the older.
type WentOn struct{ Run, Step, In string }

func (e WentOn) happen(d *decision) {
	r := d.Runs[e.Run]
	if r == nil {
		return
	}
	if f := r.facts(e.Step); f.Result == nil && f.Passed == "" && f.Continued == "" {
		f := r.change(e.Step)
		f.Start, f.Continued = nil, e.In
	}
}
