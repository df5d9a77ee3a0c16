// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"net/url"
	"strings"
)

// anyMethod is the method for all HTTP methods that the resource does not define.
const anyMethod = "ANY"

// match returns the resource for an escaped path and the values of its path parameters. A literal part takes precedence over a variable
// one. A variable part takes precedence over a greedy one, which matches the rest of the path.
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

// matchParts compares a resource's path with a request's. The rank orders matches. It has a digit per part: 0 for literal, 1 for variable,
// 2 for greedy.
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

// unescape decodes percent encoding. net/http has refused paths with invalid encoding.
func unescape(s string) string {
	if unescaped, err := url.PathUnescape(s); err == nil {
		return unescaped
	}
	return s
}
