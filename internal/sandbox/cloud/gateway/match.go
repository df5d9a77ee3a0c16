// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"net/url"
	"strings"
)

// anyMethod is the method that serves every HTTP method without one of its own.
const anyMethod = "ANY"

// match finds the resource for a path, still escaped, and the values of its path parameters. A literal part goes before a
// variable one, and that before a greedy one, which takes the rest of the path.
func (d *deployment) match(path string) (*resource, map[string]string) {
	parts := splitPath(path)
	var best *resource
	var bestParams map[string]string
	bestRank := ""
	for _, r := range d.resources {
		if rank, params, ok := matchParts(splitPath(r.Path), parts); ok && (best == nil || rank < bestRank) {
			best, bestParams, bestRank = r, params, rank
		}
	}
	return best, bestParams
}

// splitPath returns a path's parts; none for the root.
func splitPath(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// matchParts compares a resource's path with a request's. The rank orders matches: for each part 0 when it is literal, 1 when
// it is variable, 2 when it is greedy.
func matchParts(pattern, parts []string) (rank string, params map[string]string, ok bool) {
	params = map[string]string{}
	for i, part := range pattern {
		name, greedy := strings.CutSuffix(strings.Trim(part, "{}"), "+")
		switch {
		case i >= len(parts):
			return "", nil, false
		case greedy:
			params[name] = unescape(strings.Join(parts[i:], "/"))
			return rank + "2", params, params[name] != ""
		case part[0] == '{' && parts[i] != "":
			params[name] = unescape(parts[i])
			rank += "1"
		case part == unescape(parts[i]):
			rank += "0"
		default:
			return "", nil, false
		}
	}
	return rank, params, len(pattern) == len(parts)
}

// unescape undoes percent encoding; net/http has refused paths in which it is wrong.
func unescape(s string) string {
	if unescaped, err := url.PathUnescape(s); err == nil {
		return unescaped
	}
	return s
}
