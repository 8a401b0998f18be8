package cfntest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// bucket is what S3 holds: objects by key, and the sub-resources of the bucket itself (tagging, policy, …) as they were sent.
type bucket struct {
	objects map[string][]byte
	parts   map[string][]byte
}

// PutObject lays an object into a bucket, which is made if need be, and gives the address that CloudFormation reads it from.
func (a *Account) PutObject(bucketName, key string, content []byte) string {
	a.locked(func() {
		if a.buckets[bucketName] == nil {
			a.buckets[bucketName] = newBucket()
		}
		a.buckets[bucketName].objects[key] = content
	})
	return fmt.Sprintf("https://s3.%s.amazonaws.com/%s/%s", a.Region, bucketName, key)
}

// Object gives what S3 holds under a key, and whether there is anything.
func (a *Account) Object(bucketName, key string) (content []byte, ok bool) {
	a.locked(func() { content, ok = a.object(bucketName, key) })
	return content, ok
}

func (a *Account) object(bucketName, key string) ([]byte, bool) {
	b := a.buckets[bucketName]
	if b == nil {
		return nil, false
	}
	content, ok := b.objects[key]
	return content, ok
}

func newBucket() *bucket { return &bucket{objects: map[string][]byte{}, parts: map[string][]byte{}} }

// placeOf finds bucket and key in an address, in the path as well as in the host's name.
func placeOf(host, path string) (bucketName, key string) {
	path = strings.TrimPrefix(path, "/")
	if name, _, ok := strings.Cut(host, ".s3."); ok {
		return name, path
	}
	bucketName, key, _ = strings.Cut(path, "/")
	return bucketName, key
}

// parts of a bucket that have a call of their own, by their name in the query.
var bucketParts = map[string]string{
	"tagging": "BucketTagging", "policy": "BucketPolicy", "encryption": "BucketEncryption", "versioning": "BucketVersioning",
	"publicAccessBlock": "PublicAccessBlock", "ownershipControls": "BucketOwnershipControls",
	"lifecycle": "BucketLifecycleConfiguration", "location": "BucketLocation",
}

var verbs = map[string]string{http.MethodPut: "Put", http.MethodGet: "Get", http.MethodDelete: "Delete", http.MethodHead: "Head"}

func partOf(r *http.Request) string {
	for name := range r.URL.Query() {
		if bucketParts[name] != "" {
			return name
		}
	}
	return ""
}

// actionOfS3 names a REST call as the API reference does.
func actionOfS3(r *http.Request) (action, target string) {
	bucketName, key := placeOf(r.URL.Host, r.URL.Path)
	verb := verbs[r.Method]
	switch part := partOf(r); {
	case part != "":
		return verb + bucketParts[part], bucketName
	case key != "":
		return verb + "Object", bucketName + "/" + key
	case verb == "Put":
		return "CreateBucket", bucketName
	}
	return verb + "Bucket", bucketName
}

func (a *Account) serveS3(r *request) answer {
	name, key := placeOf(r.http.URL.Host, r.http.URL.Path)
	b := a.buckets[name]
	owner := r.http.Header.Get("X-Amz-Expected-Bucket-Owner")
	switch {
	case r.Action == "CreateBucket":
		return a.createBucket(name)
	case b == nil:
		return absent(r, "NoSuchBucket", "The specified bucket does not exist")
	case owner != "" && owner != a.ID:
		return refusal("s3", http.StatusForbidden, "AccessDenied", "Access Denied")
	case key != "":
		return b.serveObject(r, key)
	}
	return b.servePart(r)
}

func (a *Account) createBucket(name string) answer {
	if a.buckets[name] != nil {
		return refusal("s3", http.StatusConflict, "BucketAlreadyOwnedByYou",
			"Your previous request to create the named bucket succeeded and you already own it.")
	}
	a.buckets[name] = newBucket()
	return answer{status: http.StatusOK, header: http.Header{"Location": {"/" + name}}}
}

// servePart keeps a sub-resource of a bucket and gives it back as it was sent.
func (b *bucket) servePart(r *request) answer {
	part := partOf(r.http)
	switch {
	case part == "" && r.http.Method == http.MethodHead:
		return answer{status: http.StatusOK, header: http.Header{}}
	case r.http.Method == http.MethodPut:
		b.parts[part] = r.plainBody()
		return answer{status: http.StatusOK, header: http.Header{}}
	case r.http.Method == http.MethodGet && b.parts[part] != nil:
		return answer{status: http.StatusOK, header: http.Header{}, body: b.parts[part]}
	case part == "tagging":
		return absent(r, "NoSuchTagSet", "The TagSet does not exist")
	case part == "policy":
		return absent(r, "NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	return refusal("s3", http.StatusNotImplemented, "NotImplemented", "cfntest does not know "+r.Action)
}

func (b *bucket) serveObject(r *request, key string) answer {
	content, ok := b.objects[key]
	switch r.http.Method {
	case http.MethodPut:
		b.objects[key] = r.plainBody()
		return answer{status: http.StatusOK, header: http.Header{"Etag": {`"` + checksum(b.objects[key])[:16] + `"`}}}
	case http.MethodDelete:
		delete(b.objects, key)
		return answer{status: http.StatusNoContent, header: http.Header{}}
	}
	if !ok {
		return absent(r, "NoSuchKey", "The specified key does not exist.")
	}
	header := http.Header{"X-Amz-Checksum-Sha256": {checksum(content)}, "Content-Length": {strconv.Itoa(len(content))}}
	if r.http.Method == http.MethodHead {
		content = nil
	}
	return answer{status: http.StatusOK, header: header, body: content}
}

// absent is S3's 404; to a HEAD it has no body and so no code.
func absent(r *request, code, message string) answer {
	said := refusal("s3", http.StatusNotFound, code, message)
	if r.http.Method == http.MethodHead {
		said.body = nil
	}
	return said
}

func checksum(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// plainBody takes the chunks away that the SDK frames a body in when it sends a checksum behind it: each a line with its length
// in hexadecimal, its bytes and an empty line, the last one of length 0.
func (r *request) plainBody() []byte {
	if !strings.Contains(r.http.Header.Get("Content-Encoding"), "aws-chunked") {
		return r.body
	}
	var plain []byte
	for rest := r.body; ; {
		line, after, ok := bytes.Cut(rest, []byte("\r\n"))
		size, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if !ok || err != nil || n == 0 || n > int64(len(after)) {
			return plain
		}
		plain = append(plain, after[:n]...)
		rest = bytes.TrimPrefix(after[n:], []byte("\r\n"))
	}
}
