// SPDX-License-Identifier: GPL-2.0-only

//go:build !offline
// +build !offline

package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/ioutil"
	"net"
	"net/http"
	"os"
	"os/exec"
)

var (
	listen = flag.String("listen", "127.0.0.1:0", "address to serve at; port 0 takes a free one")
	client = flag.String("client", "", "be the clients of the service at this URL, for -load")
)

func serve() error {
	if *client != "" {
		return runClients(*client)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: newShop()}
	if *load <= 0 {
		fmt.Printf("http://%s\n", listener.Addr())
		return server.Serve(listener)
	}
	go server.Serve(listener)
	return startClients("http://" + listener.Addr().String())
}

// startClients runs the clients as a child, so that a profile of this process is the server's.
func startClients(url string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "-client", url, "-clients", fmt.Sprint(*clients),
		"-load", load.String(), "-products", fmt.Sprint(*products))
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	return child.Run()
}

// ServeHTTP answers a customer.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := ioutil.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request := Request{r.Header.Get("X-Tenant"), r.URL.Path, r.URL.Query(), body}
	text, err := s.Answer(r.Context(), &request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

func runClients(url string) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}
	return runCustomers(func(r *Request) error { return send(client, url, r) })
}

func send(client *http.Client, url string, r *Request) error {
	request, err := http.NewRequest("POST", url+r.Path+"?"+r.Values.Encode(), bytes.NewReader(r.Body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Tenant", r.Tenant)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(ioutil.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(r.Path + ": " + response.Status)
	}
	return nil
}
