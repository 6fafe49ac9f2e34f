// gorilla/websocket on Go: see main.rs.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"runtime"

	"github.com/gorilla/websocket"
)

func main() {
	runtime.GOMAXPROCS(1)
	upgrader := websocket.Upgrader{Subprotocols: []string{"chat.v2", "chat.v1"}}
	http.HandleFunc("/chat", func(writer http.ResponseWriter, request *http.Request) {
		if connection, err := upgrader.Upgrade(writer, request, nil); err == nil {
			connection.Close()
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s gorilla/websocket on %s\n", listener.Addr(), runtime.Version())
	log.Fatal(http.Serve(listener, nil))
}
