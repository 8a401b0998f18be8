package cfntest

import (
	"fmt"
	"net/http"
)

// apiError is an error that CloudFormation answers.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.message }

// invalid returns the error that CloudFormation uses for most faults.
func invalid(format string, args ...any) error { return coded("ValidationError", format, args...) }

func coded(code, format string, args ...any) error {
	return &apiError{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}
