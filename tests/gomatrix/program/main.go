// SPDX-License-Identifier: GPL-2.0-only

// The program asks the runtime about its own code: for every STRIDE-th address
// of its text it prints what addr2line -a -f -i has to print.
//
//	program STRIDE [FIRST]
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Implemented in assembly.
func leaf(n int) int
func textBounds() (start, end uintptr)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// firstPage is the address of the file's first page by its program headers, and
// whether the file is position-independent.
func firstPage(header []byte) (uintptr, bool) {
	const etDyn, ptLoad = 3, 1
	word := binary.LittleEndian
	at := word.Uint64(header[32:])
	for i := uint16(0); i < word.Uint16(header[56:]); i++ {
		program := header[at+uint64(i)*56:]
		if word.Uint32(program) == ptLoad && word.Uint64(program[8:]) == 0 {
			return uintptr(word.Uint64(program[16:])), word.Uint16(header[16:]) == etDyn
		}
	}
	panic("no segment has the first page")
}

// loadedFirstPage is where it lies in this process.
func loadedFirstPage() uintptr {
	path, err := os.Readlink("/proc/self/exe")
	check(err)
	maps, err := os.Open("/proc/self/maps")
	check(err)
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 6 && fields[5] == path && strings.Trim(fields[2], "0") == "" {
			start, err := strconv.ParseUint(strings.Split(fields[0], "-")[0], 16, 64)
			check(err)
			return uintptr(start)
		}
	}
	panic("no mapping of " + path)
}

// slide is how far from the addresses in its file the program was loaded.
func slide() uintptr {
	file, err := os.Open("/proc/self/exe")
	check(err)
	defer file.Close()
	header := make([]byte, 4096)
	_, err = file.Read(header)
	check(err)
	page, independent := firstPage(header)
	if !independent {
		return 0
	}
	return loadedFirstPage() - page
}

// entry is that of the function that has pc, 0 when none has.
func entry(pc uintptr) uintptr {
	if f := runtime.FuncForPC(pc); f != nil {
		return f.Entry()
	}
	return 0
}

func frameText(frame *runtime.Frame) string {
	file, line := frame.File, strconv.Itoa(frame.Line)
	if file == "?" || file == "" {
		file = "??"
	}
	if frame.Line == 0 {
		line = "?"
	}
	return frame.Function + "\n" + file + ":" + line + "\n"
}

// framesText asks as a profile does: the list of Callers has addresses behind
// the calls, and the runtime finishes it with the callers inlined into the last.
// It is empty where the runtime does not know the name it has: that of the first
// function in its table of names, whose offset 0 it takes for none.
func framesText(pc uintptr) string {
	// Of addresses without a line some releases ask in vain, and throw.
	if f := runtime.FuncForPC(pc); f != nil {
		if file, _ := f.FileLine(pc); file == "?" {
			return "??\n??:0\n"
		}
	}
	frames := runtime.CallersFrames(expandFinalInlineFrame([]uintptr{pc + 1}))
	frame, more := frames.Next()
	// Behind the last instruction the runtime knows no line, nor for what is
	// no Go code, as C that Go's linker has linked in.
	if frame.File == "?" || frame.File == "" {
		return "??\n??:0\n"
	}
	text := frameText(&frame)
	unnamed := frame.Function == ""
	for more {
		frame, more = frames.Next()
		text += frameText(&frame)
		unnamed = unnamed || frame.Function == ""
	}
	if unnamed {
		return ""
	}
	return text
}

func argument(i int, otherwise uintptr) uintptr {
	if i >= len(os.Args) {
		return otherwise
	}
	n, err := strconv.ParseUint(os.Args[i], 0, 64)
	check(err)
	return uintptr(n)
}

func main() {
	shapes()
	start, end := textBounds()
	back := slide()
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	for pc := start + argument(2, 0); pc < end; pc += argument(1, 1) {
		// An address is asked for by the one behind it: at the last
		// byte of a function that is the next one's.
		if entry(pc) != entry(pc+1) {
			continue
		}
		if text := framesText(pc); text != "" {
			fmt.Fprintf(out, "0x%016x\n%s", pc-back, text)
		}
	}
	check(out.Flush())
}
