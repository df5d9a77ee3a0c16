// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxAttempts = 5        // the limit of Qlik's own samples
	maxBody     = 32 << 20 // bytes of an answer: far above a page of 100 objects
)

// request is one call of the API.
type request struct {
	method string
	path   string // relative to the tenant; absolute only for links that were checked
	query  url.Values
	body   any // written as JSON; nil for none

	anonymous  bool // without the Authorization header
	repeatable bool // safe to repeat although its method is not
	once       bool // never repeated: the caller decides
}

// idempotent reports whether sending the request twice has the same effect as sending it once. A PUT replaces a whole object, so it is
// idempotent. PATCH's add and remove are not.
func (r request) idempotent() bool {
	switch r.method {
	case http.MethodGet, http.MethodPut, http.MethodDelete:
		return true
	default:
		return r.repeatable
	}
}

// do sends a request until it has a final answer, and decodes the answer into out unless out is nil. Each error is an *Error, except for
// errors in the request itself.
func (c *Client) do(ctx context.Context, r request, out any) error {
	u, err := c.base.Parse(r.path)
	if err != nil {
		return fmt.Errorf("building the URL of %s: %w", r.path, err)
	}
	if r.query != nil {
		u.RawQuery = r.query.Encode()
	}
	var body []byte
	if r.body != nil {
		if body, err = json.Marshal(r.body); err != nil {
			return fmt.Errorf("encoding the body of %s %s: %w", r.method, u, err)
		}
	}
	renewed := false
	for attempt := 1; ; attempt++ {
		token := ""
		if !r.anonymous {
			if token, err = c.token(ctx); err != nil {
				return fmt.Errorf("%w: %w", ErrToken, err)
			}
		}
		failure := c.try(ctx, r.method, u, token, body, out)
		if failure == nil {
			return nil
		}
		failure.Attempts = attempt
		if failure.Status == http.StatusUnauthorized && !r.anonymous && !renewed && c.forget(ctx, token) {
			renewed = true // refused before processing: any method may be retried with a new token
			continue
		}
		wait, again := c.nextTry(r, failure)
		if !again || attempt == maxAttempts {
			return failure
		}
		if err := sleep(ctx, wait); err != nil {
			if failure.Err == nil {
				failure.Err = err
			}
			return failure
		}
	}
}

// try sends the request once.
func (c *Client) try(ctx context.Context, method string, u *url.URL, token string, body []byte, out any) *Error {
	failure := &Error{Method: method, URL: u.String()}
	attempt, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	req, err := http.NewRequestWithContext(attempt, method, u.String(), bytes.NewReader(body))
	if err != nil {
		failure.Err = err
		return failure
	}
	end, isText := out.(*tail)
	req.Header.Set("Accept", "application/json")
	if isText {
		req.Header.Set("Accept", "text/plain")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		failure.Err = c.explain(ctx, err)
		return failure
	}
	defer func() { _ = resp.Body.Close() }() // the answer has been read, or reading failed with an error
	failure.Status = resp.StatusCode
	if isText && resp.StatusCode >= 200 && resp.StatusCode < 300 {
		if failure.Err = end.read(resp.Body); failure.Err != nil {
			failure.Err = c.explain(ctx, failure.Err)
			return failure
		}
		return nil
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		failure.Err = c.explain(ctx, err)
		return failure
	}
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return decode(content, out, failure)
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		failure.Title = fmt.Sprintf("redirected to %q, which is not followed: is the tenant URL the tenant's own?", resp.Header.Get("Location"))
		return failure
	default:
		failure.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"))
		failure.readBody(content)
		return failure
	}
}

// tail is the end of an answer that is a text.
type tail struct {
	most int // bytes to keep
	kept []byte
}

// read reads a whole text, and keeps its end. It gives up on a text that is longer than any answer.
func (t *tail) read(body io.Reader) error {
	t.kept = nil
	part := make([]byte, 32<<10)
	for size := 0; ; {
		n, err := body.Read(part)
		t.kept = append(t.kept, part[:n]...)
		if size += n; size > maxBody {
			return fmt.Errorf("the text has more than %d bytes", maxBody)
		}
		if len(t.kept) > t.most+len(part) || err != nil {
			t.kept = append(t.kept[:0], t.kept[max(0, len(t.kept)-t.most):]...)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func decode(content []byte, out any, failure *Error) *Error {
	if out == nil {
		return nil
	}
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(content, out); {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(content)): // it was cut off
		failure.Title, failure.Body, failure.Err = "the answer broke off", piece(content), io.ErrUnexpectedEOF
		return failure
	case err != nil:
		failure.Title, failure.Body, failure.Err = "the answer is not what the API describes", piece(content), err
		return failure
	}
	return nil
}

// explain removes the method and URL from a transport error, because Error contains them. For a timeout, it says which limit expired.
func (c *Client) explain(ctx context.Context, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s: %w", c.timeout, err)
	}
	return err
}

// segment escapes an id for a path. It refuses an empty id, which would turn the path of one object into that of the collection.
func segment(id string) (string, error) {
	if strings.Trim(id, ".") == "" {
		return "", fmt.Errorf("%q is not an id", id)
	}
	return url.PathEscape(id), nil
}
