// SPDX-License-Identifier: MPL-2.0

package provider_test

// testedVersion is the provider's version in the tests.
const testedVersion = "1.2.3-test"

// kmsKeyARN is a key that the sandbox takes for one that exists.
const kmsKeyARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
