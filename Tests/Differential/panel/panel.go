// The panel's Go member: encoding/json with its caseless keys, net/url, mime/multipart, net/mail. Protocol: panel.py.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/url"
	"os"
	"strings"
)

type person struct {
	Email string `json:"email"`
}

type send struct {
	To  []person `json:"to"`
	Cc  []string `json:"cc"`
	Bcc []string `json:"bcc"`
	Sms []any    `json:"sms"`
}

func isSlot(name string) bool {
	name = strings.ToLower(strings.TrimLeft(strings.TrimSpace(name), "["))
	return strings.HasPrefix(name, "to") || strings.HasPrefix(name, "cc") || strings.HasPrefix(name, "bcc")
}

func readJSON(body []byte) ([]string, error) {
	var document send
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	out := append(document.Cc, document.Bcc...)
	for _, person := range document.To {
		out = append(out, person.Email)
	}
	for _, number := range document.Sms {
		switch number := number.(type) {
		case string:
			out = append(out, number)
		case json.Number:
			out = append(out, number.String())
		}
	}
	return out, nil
}

func readForm(body []byte) ([]string, error) {
	// Errors do not end Go's own reading either.
	values, _ := url.ParseQuery(string(body))
	out := []string{}
	for name, list := range values {
		if isSlot(name) {
			out = append(out, list...)
		}
	}
	return out, nil
}

func readMultipart(body []byte, contentType string) ([]string, error) {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	out := []string{}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, nil
		}
		content, _ := io.ReadAll(part)
		if isSlot(part.FormName()) {
			out = append(out, string(content))
		}
	}
}

func readMessage(body []byte) ([]string, error) {
	message, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, name := range []string{"To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"} {
		for _, value := range message.Header[name] {
			out = append(out, value)
			list, err := mail.ParseAddressList(value)
			if err != nil {
				continue
			}
			for _, address := range list {
				out = append(out, address.Address)
			}
		}
	}
	return out, nil
}

func main() {
	in := bufio.NewReader(os.Stdin)
	for {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		message := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(in, message); err != nil {
			return
		}
		kind := string(message[1 : 1+message[0]])
		rest := message[1+len(kind):]
		count := int(binary.BigEndian.Uint16(rest))
		contentType, body := string(rest[2:2+count]), rest[2+count:]
		var out []string
		var err error
		switch kind {
		case "json":
			out, err = readJSON(body)
		case "form":
			out, err = readForm(body)
		case "multipart":
			out, err = readMultipart(body, contentType)
		case "mime":
			out, err = readMessage(body)
		default:
			err = errors.New("no reader")
		}
		answer := map[string]any{"to": out}
		if err != nil {
			answer = map[string]any{"error": err.Error()}
		}
		text, _ := json.Marshal(answer)
		binary.BigEndian.PutUint32(head[:], uint32(len(text)))
		os.Stdout.Write(append(head[:], text...))
	}
}
