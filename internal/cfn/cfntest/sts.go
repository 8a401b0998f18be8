package cfntest

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func (a *Account) serveSTS(r *request) answer {
	if r.Action != "GetCallerIdentity" {
		return refusal(r.Service, http.StatusBadRequest, "InvalidAction", "cfntest does not know "+r.Action)
	}
	return answer{
		status: http.StatusOK,
		header: http.Header{"Content-Type": {"text/xml"}},
		body: encodeAnswer(r.Action, a.uuid(), &sts.GetCallerIdentityOutput{
			Account: &a.ID, UserId: aws.String("AIDA" + r.By),
			Arn: aws.String(fmt.Sprintf("arn:aws:iam::%s:user/%s", a.ID, r.By)),
		}),
	}
}
