// SPDX-License-Identifier: MPL-2.0

package docs_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile("(?m)^#+ (.+)$")
	anchorPattern  = regexp.MustCompile(`<a id="([^"]+)">`)
	fencePattern   = regexp.MustCompile("(?ms)^```.*?^```")
)

// repository is how a page of the registry points at a file here.
const repository = "https://github.com/qlik-task-chain/terraform-provider-qlik/tree/main/"

// raw is how it points at a picture.
const raw = "https://raw.githubusercontent.com/qlik-task-chain/terraform-provider-qlik/main/"

// TestLinks: each link between pages, and into the repository, leads to a file that is there and to a heading that is in it.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := []string{"README.md"}
	for _, page := range files(t, filepath.Join(root, "docs")) {
		pages = append(pages, filepath.Join("docs", page))
	}
	links := 0
	for _, page := range pages {
		for _, match := range linkPattern.FindAllStringSubmatch(prose(t, page), -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			inside, here := strings.CutPrefix(strings.Replace(target, raw, repository, 1), repository)
			switch {
			case here:
				target = filepath.FromSlash(inside)
			case strings.Contains(target, ":"):
				if problem := malformed(match[1]); problem != "" {
					t.Errorf("%s: the link %s %s", page, match[1], problem)
				}
				continue
			case target == "":
				target = page
			default:
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(target))
			}
			links++
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, match[1])
			} else if anchor != "" && !anchors(t, target)[anchor] {
				t.Errorf("%s: %s has no heading for the link %s", page, target, match[1])
			}
		}
	}
	if links == 0 {
		t.Error("no link was found")
	}
}

// malformed says what is wrong with the form of a link to elsewhere. Whether it leads somewhere needs a network.
func malformed(link string) string {
	target, err := url.Parse(link)
	switch {
	case err != nil:
		return "is none: " + err.Error()
	case target.Scheme != "https":
		return "is not https"
	case !strings.Contains(target.Host, ".") || strings.ToLower(target.Host) != target.Host || target.User != nil:
		return "has no host of the internet"
	case strings.Contains(target.Path, "//") || strings.ContainsAny(link, "…<>"):
		return "has a part that is not written out"
	}
	return ""
}

// TestMalformed checks that the form of a link can be wrong.
func TestMalformed(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]bool{
		"https://qlik.dev/apis/": true, "https://docs.aws.amazon.com/a.html#b": true, "http://qlik.dev": false, "https://qlik": false,
		"https://qlik.dev//apis": false, "https://qlik.dev/…": false, "mailto:a@b.c": false, "https://Qlik.dev": false,
		"https://%zz.dev": false,
	} {
		if problem := malformed(link); (problem == "") != want {
			t.Errorf("%s: %q", link, problem)
		}
	}
}

// prose is a page without its code.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return fencePattern.ReplaceAllString(string(text), "")
}

// anchors are the names under which a page's headings are reached, as GitHub and the registry make them.
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	text := prose(t, page)
	found := map[string]bool{}
	for _, heading := range headingPattern.FindAllStringSubmatch(text, -1) {
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading[1]))] = true
	}
	for _, anchor := range anchorPattern.FindAllStringSubmatch(text, -1) {
		found[anchor[1]] = true
	}
	return found
}
