package udp

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// steer gives the sockets that share s's port a program by which the kernel chooses
// among them (SO_ATTACH_REUSEPORT_CBPF): the n first by the source of a datagram, the one
// after them for what aside picks.
func (s *Socket) steer(n int, aside Match) error {
	p := steering(n, aside)
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	if err := unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF, &prog); err != nil {
		return fmt.Errorf("divide udp port: %w", err)
	}
	return nil
}

// Where the program finds things. It sees the payload; loads from netOffset on are from
// the network header, which the kernel has already checked. Ports are looked for behind a
// header without options: with them it is other bytes of the packet that are mixed in.
const (
	netOffset = 0xfff00000 // SKF_NET_OFF, -0x100000

	source4, ports4 = netOffset + 12, netOffset + 20
	source6, ports6 = netOffset + 8, netOffset + 40
)

// steering writes the program. A datagram too short for it goes to the first socket.
func steering(n int, aside Match) []unix.SockFilter {
	const (
		loadByte = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
		loadHalf = unix.BPF_LD | unix.BPF_H | unix.BPF_ABS
		loadWord = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		toX      = unix.BPF_MISC | unix.BPF_TAX
		alu      = unix.BPF_ALU | unix.BPF_K
		xorX     = unix.BPF_ALU | unix.BPF_XOR | unix.BPF_X
		equal    = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		jump     = unix.BPF_JMP | unix.BPF_JA
		give     = unix.BPF_RET | unix.BPF_K
		giveA    = unix.BPF_RET | unix.BPF_A
	)
	p := []unix.SockFilter{
		{Code: loadHalf, K: 0},
		{Code: alu | unix.BPF_AND, K: uint32(aside.Mask)},
		{Code: equal, K: uint32(aside.Value & aside.Mask), Jf: 1},
		{Code: give, K: uint32(n)},
	}
	if n == 1 {
		return append(p, unix.SockFilter{Code: give, K: 0})
	}
	return append(p, []unix.SockFilter{
		{Code: loadByte, K: netOffset},
		{Code: alu | unix.BPF_RSH, K: 4},
		{Code: equal, K: 6, Jf: 7},
		{Code: loadWord, K: source6 + 4}, // the network
		{Code: toX},
		{Code: loadWord, K: source6 + 12}, // and the host
		{Code: xorX},
		{Code: toX},
		{Code: loadWord, K: ports6},
		{Code: jump, K: 3},
		{Code: loadWord, K: source4},
		{Code: toX},
		{Code: loadWord, K: ports4},
		{Code: xorX},
		{Code: alu | unix.BPF_MUL, K: 0x9e3779b1}, // spreads neighbours, as Knuth has it
		{Code: alu | unix.BPF_RSH, K: 16},
		{Code: alu | unix.BPF_MOD, K: uint32(n)},
		{Code: giveA},
	}...)
}
