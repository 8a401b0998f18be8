// Command lag relays TCP and holds each piece of data for a while, one way: what a network of that round trip costs a
// node.
//
//	lag -listen ADDRESS:PORT -to ADDRESS:PORT -one-way 500us
package main

import (
	"errors"
	"flag"
	"io"
	"log"
	"net"
	"time"
)

// piece is what was read at once, and when it may go on.
type piece struct {
	bytes []byte
	due   time.Time
}

func main() {
	listen := flag.String("listen", "", "where to listen")
	to := flag.String("to", "", "where to connect")
	delay := flag.Duration("one-way", 500*time.Microsecond, "how long each piece is held")
	flag.Parse()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	for {
		visitor, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go relay(visitor, *to, *delay)
	}
}

func relay(visitor net.Conn, to string, delay time.Duration) {
	defer visitor.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		log.Print(err)
		return
	}
	defer server.Close()
	go pass(visitor, server, delay)
	pass(server, visitor, delay)
}

// pass reads on while what was read before is still held, so that only time is added and no rate is limited.
func pass(to, from net.Conn, delay time.Duration) {
	held := make(chan piece, 1024)
	go func() {
		defer close(held)
		for {
			buffer := make([]byte, 64<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				held <- piece{buffer[:n], time.Now().Add(delay)}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
					log.Print(err)
				}
				return
			}
		}
	}()
	for p := range held {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.bytes); err != nil {
			break
		}
	}
	to.(*net.TCPConn).CloseWrite()
	for range held {
	}
}
