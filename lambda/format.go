// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/elnormous/contenttype"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

// The media types of a picture, as registered with IANA (https://www.iana.org/assignments/media-types).
const (
	mediaJSON    = "application/json"
	mediaSVG     = "image/svg+xml"
	mediaMermaid = "application/vnd.mermaid"
	mediaDOT     = "text/vnd.graphviz"
)

// format is a way to draw a picture.
type format struct {
	name      string // the parameter format
	mediaType string
	render    func(p *draw.Picture) answer
}

// formats returns every format, the default first.
func formats() []format {
	text := func(mediaType string, render func(p *draw.Picture) []byte) func(*draw.Picture) answer {
		return func(p *draw.Picture) answer {
			return answer{body: render(p), mediaType: mediaType, headers: map[string]string{"vary": negotiatedWith}}
		}
	}
	return []format{
		{"json", mediaJSON, func(p *draw.Picture) answer {
			return answer{content: p, headers: map[string]string{"vary": negotiatedWith}}
		}},
		{"svg", mediaSVG, text(mediaSVG, (*draw.Picture).SVG)},
		{"mermaid", mediaMermaid, text(mediaMermaid, func(p *draw.Picture) []byte { return []byte(p.Mermaid()) })},
		{"dot", mediaDOT, text(mediaDOT, func(p *draw.Picture) []byte { return []byte(p.DOT()) })},
	}
}

// formatOf is the format that a request asks for: by the parameter format, else by the header Accept, in which a media type's weight
// counts. Without both it is the default.
func formatOf(r *http.Request) (*format, *answer) {
	all := formats()
	if name := r.URL.Query().Get("format"); name != "" {
		i := slices.IndexFunc(all, func(f format) bool { return f.name == name })
		if i < 0 {
			return nil, notAcceptable(all)
		}
		return &all[i], nil
	}
	accept := headerOf(r, "Accept")
	if accept == "" {
		return &all[0], nil
	}
	available := make([]contenttype.MediaType, len(all))
	for i, f := range all {
		available[i] = contenttype.NewMediaType(f.mediaType)
	}
	chosen, _, err := contenttype.GetAcceptableMediaTypeFromHeader(accept, available)
	if err != nil {
		return nil, notAcceptable(all)
	}
	i := slices.IndexFunc(all, func(f format) bool { return f.mediaType == chosen.MIME() })
	return &all[i], nil
}

func notAcceptable(all []format) *answer {
	names, types := make([]string, len(all)), make([]string, len(all))
	for i, f := range all {
		names[i], types[i] = f.name, f.mediaType
	}
	a := refuse(http.StatusNotAcceptable, "The picture is available as %s with the header Accept, or with the parameter format: %s. "+
		"The request asks for none of them.",
		strings.Join(types, ", "), strings.Join(names, ", "))
	a.headers = map[string]string{"vary": negotiatedWith}
	return &a
}
