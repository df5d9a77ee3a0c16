// SPDX-License-Identifier: MPL-2.0

package draw

import (
	_ "embed"
	"encoding/json"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// kindLook is how pictures show what a step starts: by a word and an icon, or a shape of its own where there are no icons. An app, which
// most steps reload, has no icon.
type kindLook struct {
	Text string `json:"text"`
	Icon string `json:"icon"` // an SVG path in a square of 16, to be stroked; empty for none
}

// kind.json is shared with the live page.
//
//go:embed kind.json
var kindJSON []byte

var kindLooks = sync.OnceValue(func() map[chain.Kind]kindLook {
	var all map[chain.Kind]kindLook
	if err := json.Unmarshal(kindJSON, &all); err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	return all
})

// kindText returns the word for what the node's step starts. It is empty for an app and for a join.
func (n *Node) kindText() string {
	if n.Target.Kind == "" || n.Target.Kind == chain.KindApp {
		return ""
	}
	return kindLooks()[n.Target.Kind].Text
}

// mermaidShape returns what is around a node's label.
func mermaidShape(n *Node) (open, end string) {
	if n.Kind == KindJoin {
		return `{{"`, `"}}`
	}
	switch n.Target.Kind {
	case chain.KindAutomation:
		return `[["`, `"]]`
	case chain.KindDataTask:
		return `[("`, `")]`
	case chain.KindSignal:
		return `(["`, `"])`
	default:
		return `["`, `"]`
	}
}

// dotShape returns a node's shape, with a space before it. It is empty for a box.
func dotShape(n *Node) string {
	if n.Kind == KindJoin {
		return " shape=hexagon style=solid"
	}
	switch n.Target.Kind {
	case chain.KindAutomation:
		return " shape=component"
	case chain.KindDataTask:
		return " shape=cylinder"
	case chain.KindSignal:
		return " shape=cds"
	default:
		return ""
	}
}
