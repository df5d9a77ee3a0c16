// SPDX-License-Identifier: MPL-2.0

package draw

// Mark says how a part of a picture differs from an earlier definition of the chain.
type Mark string

// The marks.
const (
	MarkNew     Mark = "new"
	MarkChanged Mark = "changed"
	MarkRemoved Mark = "removed"
)

// Marks are the marks of a picture's parts.
type Marks struct {
	Nodes map[string]Mark    // by the node's ID
	Edges map[[2]string]Mark // by the edge's From and To
}

// markStyles are legible on light and on dark pages. Each mark is a word in the label, too.
var markStyles = map[Mark]string{
	MarkNew:     "stroke:#1a7f37,stroke-width:3px",
	MarkChanged: "stroke:#9a6700,stroke-width:3px",
	MarkRemoved: "stroke:#cf222e,stroke-width:3px,stroke-dasharray:2 4",
}
