// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ValidateTenantURL reports why s is not the address of a tenant: https and a host, nothing more, as in
// https://your-tenant.eu.qlikcloud.com. It accepts a trailing slash. It accepts plain http for a loopback host only.
func ValidateTenantURL(s string) error {
	_, err := parseTenantURL(s)
	return err
}

func parseTenantURL(s string) (*url.URL, error) {
	want := "write it as " + likelyTenantURL(s)
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	switch {
	case s == "":
		return nil, fmt.Errorf("the tenant URL is empty: %s", want)
	case err != nil:
		// url.Error repeats the text, which may contain a password.
		return nil, fmt.Errorf("the tenant URL cannot be read as a URL: %s", want)
	case u.User != nil:
		return nil, fmt.Errorf("the tenant URL carries a user or password: %s, and give the credentials separately", want)
	case u.Host == "" || u.Hostname() == "":
		return nil, fmt.Errorf("the tenant URL %q has no scheme or no host: %s", s, want)
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the tenant URL %q has more than a host: %s", s, want)
	case strings.ToLower(u.Host) != u.Host:
		return nil, fmt.Errorf("the tenant URL %q has upper-case letters: %s", s, want)
	case u.Scheme == "https", u.Scheme == "http" && IsLoopback(u.Hostname()):
		return u, nil
	default:
		return nil, fmt.Errorf("the tenant URL %q is not https: %s", s, want)
	}
}

// likelyTenantURL returns the address of the host that s probably means, or an example.
func likelyTenantURL(s string) string {
	_, rest, hasScheme := strings.Cut(s, "://")
	if !hasScheme {
		rest = s
	}
	host, _, _ := strings.Cut(rest, "/")
	u, err := url.Parse("https://" + strings.ToLower(host))
	if err != nil || u.User != nil || !strings.Contains(u.Host, ".") || u.Port() != "" || u.RawQuery+u.Fragment != "" {
		return "https://your-tenant.eu.qlikcloud.com"
	}
	return u.String()
}

// IsLoopback reports whether a host is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
