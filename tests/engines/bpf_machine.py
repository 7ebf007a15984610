"""A machine for classic BPF, so that filter programs are tested without a kernel (filter.rst, "BPF engine")."""

from __future__ import annotations

from collections.abc import Sequence

from harness.engines.relay import bpf


def run(program: Sequence[bpf.Instruction], packet: bytes, packet_type: int = bpf.TO_THIS_HOST) -> int:
    """So many bytes of the packet the program keeps. A load past the end drops the packet, as in the kernel."""
    place = accumulator = index = 0

    def load(offset: int, width: int) -> int:
        if offset == bpf.PACKET_TYPE:
            return packet_type
        if offset + width > len(packet):
            raise IndexError
        return int.from_bytes(packet[offset : offset + width], "big")

    loads = {
        bpf.LOAD_BYTE: (1, False),
        bpf.LOAD_HALF: (2, False),
        bpf.LOAD_WORD: (4, False),
        bpf.LOAD_BYTE_AT_X: (1, True),
        bpf.LOAD_HALF_AT_X: (2, True),
    }
    try:
        while True:
            step = program[place]
            place += 1
            if step.code == bpf.RETURN:
                return step.k
            if step.code in loads:
                width, indexed = loads[step.code]
                accumulator = load(step.k + (index if indexed else 0), width)
            elif step.code == bpf.LOAD_X_IP_HEADER_LENGTH:
                index = (load(step.k, 1) & 0x0F) * 4
            elif step.code == bpf.AND:
                accumulator &= step.k
            else:
                true = accumulator == step.k if step.code == bpf.JUMP_IF_EQUAL else bool(accumulator & step.k)
                place += step.if_true if true else step.if_false
    except IndexError:
        return 0
