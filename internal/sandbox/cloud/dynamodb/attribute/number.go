// SPDX-License-Identifier: MPL-2.0

package attribute

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// A number has at most 38 significant digits and a magnitude from 1E-130 to 9.9999999999999999999999999999999999999E+125.
// Source: "Supported data types and naming rules in Amazon DynamoDB", "Number".
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// numeral matches a number and its exponent. Three digits of exponent cover the valid range and keep the arithmetic small.
var numeral = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)

// ParseNumber converts a number to the form that DynamoDB returns: plain decimal notation without needless zeros.
func ParseNumber(text string) (string, error) {
	if !numeral.MatchString(text) || len(text) > 1000 {
		return "", invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return "", invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	return formatNumber(r)
}

// formatNumber returns a number as text, or an error if it is out of range.
func formatNumber(r *big.Rat) (string, error) {
	if r.Sign() == 0 {
		return "0", nil
	}
	decimals, _ := r.FloatPrec() // sums and differences of decimals have a finite number of decimals
	text := r.FloatString(decimals)
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	digits := strings.Trim(strings.TrimLeft(whole+fraction, "0"), "0")
	whole = strings.TrimLeft(whole, "0")
	exponent := len(whole) - 1
	if whole == "" {
		exponent = -(len(fraction) - len(strings.TrimLeft(fraction, "0")) + 1)
	}
	switch {
	case exponent > maxExponent:
		return "", invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case exponent < minExponent:
		return "", invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(digits) > maxDigits:
		return "", invalid("Attempting to store more than %d significant digits in a Number", maxDigits)
	}
	return text, nil
}

// rational converts a number from ParseNumber.
func rational(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("attribute: " + strconv.Quote(text) + " is no number") // a Value was created without ParseNumber
	}
	return r
}

// Add returns the sum of two numbers.
func (v Value) Add(other Value) (Value, error) {
	text, err := formatNumber(new(big.Rat).Add(rational(v.Text), rational(other.Text)))
	return Value{Type: Number, Text: text}, err
}
