// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

const (
	cborContentType = "application/cbor"
	smithyHeader    = "Smithy-Protocol"
	smithyCBOR      = "rpc-v2-cbor"
)

// CBORResponse returns a successful answer. The result consists of maps, lists, strings, numbers, booleans and times. Operations without an
// output pass nil, which is an empty body.
func CBORResponse(result any) (*Response, error) {
	header := http.Header{smithyHeader: {smithyCBOR}}
	if result == nil {
		return &Response{Header: header}, nil
	}
	value, err := toCBOR(result)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	header.Set("Content-Type", cborContentType)
	return &Response{Header: header, Body: cbor.Encode(value)}, nil
}

// WriteCBORError writes an error of the protocol. It repeats the code in the header of services that previously used the query protocol.
func WriteCBORError(w http.ResponseWriter, _ *Request, err error) {
	e := asError(err, "InternalServiceFault")
	kind := "Sender"
	if e.Status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	w.Header().Set(smithyHeader, smithyCBOR)
	w.Header().Set("X-Amzn-Query-Error", e.Code+";"+kind)
	write(w, cborContentType, e.Status, cbor.Encode(cbor.Map{"__type": cbor.String(e.Code), "message": cbor.String(e.Message)}))
}

// CBORToJSON converts a body of the protocol to JSON.
func CBORToJSON(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	value, err := cbor.Decode(body)
	if err != nil {
		return nil, err
	}
	plain, err := fromCBOR(value)
	if err != nil {
		return nil, err
	}
	return json.Marshal(plain)
}

func fromCBOR(value cbor.Value) (any, error) {
	switch v := value.(type) {
	case cbor.String:
		return string(v), nil
	case cbor.Bool:
		return bool(v), nil
	case cbor.Uint:
		return uint64(v), nil
	case cbor.NegInt:
		return -float64(v), nil
	case cbor.Float32:
		return float64(v), nil
	case cbor.Float64:
		return float64(v), nil
	case *cbor.Nil, *cbor.Undefined:
		return nil, nil
	case cbor.List:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = fromCBOR(v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case cbor.Map:
		object := make(map[string]any, len(v))
		for name := range v {
			var err error
			if object[name], err = fromCBOR(v[name]); err != nil {
				return nil, err
			}
		}
		return object, nil
	default:
		return nil, fmt.Errorf("the sandbox does not read a CBOR value of the type %T", value)
	}
}

func toCBOR(value any) (cbor.Value, error) {
	switch v := value.(type) {
	case string:
		return cbor.String(v), nil
	case bool:
		return cbor.Bool(v), nil
	case int:
		if v < 0 {
			return nil, fmt.Errorf("%d is negative", v)
		}
		return cbor.Uint(v), nil
	case float64:
		return cbor.Float64(v), nil
	case time.Time: // seconds since 1970
		return &cbor.Tag{ID: 1, Value: cbor.Float64(math.Round(float64(v.UnixMilli())) / 1000)}, nil
	case []string:
		list := make(cbor.List, len(v))
		for i := range v {
			list[i] = cbor.String(v[i])
		}
		return list, nil
	case []map[string]any:
		list := make(cbor.List, len(v))
		for i := range v {
			var err error
			if list[i], err = toCBOR(v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := cbor.Map{}
		for name := range v {
			var err error
			if object[name], err = toCBOR(v[name]); err != nil {
				return nil, err
			}
		}
		return object, nil
	default:
		return nil, fmt.Errorf("the sandbox does not write a CBOR value of the type %T", value)
	}
}
