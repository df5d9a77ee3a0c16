// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// done returns the error of a call, and drops its result.
func done[Out any](_ Out, err error) error { return err }

// gone returns the error of a call that deletes. That the object does not exist is not an error.
func gone[Out any](_ Out, err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}

// found returns the result of a call that looks something up. It is nil when the object does not exist, and when the call failed.
func found[Out any](out *Out, err error) (*Out, error) {
	switch {
	case err == nil:
		return out, nil
	case isNotFound(err):
		return nil, nil
	}
	return nil, err
}

// paginator is one of the SDK's paginators.
type paginator[Page, Options any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*Options)) (*Page, error)
}

// listed returns the items of all pages.
func listed[Page, Options, Item any](ctx context.Context, pages paginator[Page, Options], items func(*Page) []Item) ([]Item, error) {
	var all []Item
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, items(page)...)
	}
	return all, nil
}

// inParallel runs several functions at the same time, and returns the first error.
func inParallel(ctx context.Context, do ...func(context.Context) error) error {
	all, ctx := errgroup.WithContext(ctx)
	for _, one := range do {
		all.Go(func() error { return one(ctx) })
	}
	return all.Wait()
}

// together calls a function for each of several items, a few at a time.
func together[Of any](ctx context.Context, all []Of, do func(context.Context, Of) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(10)
	for _, one := range all {
		group.Go(func() error { return do(ctx, one) })
	}
	return group.Wait()
}
