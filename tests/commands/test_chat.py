"""`motcua chat`: a conversation at the terminal."""

from __future__ import annotations

from tests.commands.shell import Shell


def test_a_conversation_by_typing_ends_with_an_empty_line_and_is_kept(shell: Shell) -> None:
    done = shell.run("chat", "--person", "lan", given="đăng ký khai tử cho bố\n1\n\nnot read\n")
    assert done.code == 0
    assert "Chào anh/chị." in done.out
    assert "Câu 2." in done.out
    again = shell.run("chat", "--person", "lan", given="danh sách\n")
    assert "Chào anh/chị." in again.out
    assert "Anh/chị chưa lập danh sách nào." in again.out, "the interview was not finished"


def test_the_end_of_the_input_ends_it(shell: Shell) -> None:
    done = shell.run("chat", "--person", "lan")
    assert (done.code, done.err) == (0, "")


def test_brackets_are_shown_as_typed_and_mean_no_colours(shell: Shell) -> None:
    assert "[red]xyzzyq[/red]" in shell.run("chat", "--person", "lan", given="[red]xyzzyq[/red] quux\n").out
