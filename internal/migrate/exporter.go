// SPDX-License-Identifier: MPL-2.0

package migrate

import _ "embed" // the script

// Exporter is the program for Node.js that converts an apps.js to JSON.
//
//go:embed export-apps.mjs
var Exporter string
