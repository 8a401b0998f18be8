package cfntest

import (
	"fmt"
	"net/http"
)

// apiError is an answer of CloudFormation that refuses.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.message }

// invalid is the error that CloudFormation has for most things.
func invalid(format string, args ...any) error { return coded("ValidationError", format, args...) }

func coded(code, format string, args ...any) error {
	return &apiError{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}
