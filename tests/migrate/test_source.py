"""Files as text and back: encodings, byte order marks, newlines, permissions, links."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from procrun.migrate import source
from procrun.migrate.source import SourceError


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"a = 1\n", "utf-8", "a = 1\n"),
        (b"a = '\xc3\xa9'\r\nb\rc\n", "utf-8", "a = 'é'\r\nb\rc\n"),
        (b"\xef\xbb\xbfa\n", "utf-8", "a\n"),
        (b"\xef\xbb\xbf# coding: utf-8\n", "utf-8", "# coding: utf-8\n"),
        (b"# -*- coding: latin-1 -*-\n'\xe9'\n", "iso-8859-1", "# -*- coding: latin-1 -*-\n'é'\n"),
        (
            b"#!/bin/x\n# vim: set fileencoding=cp1252 :\n'\x80'\n",
            "cp1252",
            "#!/bin/x\n# vim: set fileencoding=cp1252 :\n'€'\n",
        ),
        (b"# coding: shift_jis\n'\x82\xa0'\n", "shift_jis", "# coding: shift_jis\n'あ'\n"),
        (b"", "utf-8", ""),
        (b"\x0c\n\t\x0b", "utf-8", "\x0c\n\t\x0b"),
    ],
)
def test_a_file_is_read_and_comes_back(data: bytes, encoding: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    file = source.read(str(path))
    assert (file.text, file.encoding, file.data) == (text, encoding, data)
    assert file.encoded(file.text) == data


CODING = "declare its encoding in the first line: # -*- coding: NAME -*-"


@pytest.mark.parametrize(
    ("data", "reason", "hint", "line"),
    [
        (b"a\nb\nc = '\xe9'\n", "not text in the encoding `utf-8`", CODING, 3),
        (b"\xef\xbb\xbfa\nb\nc = '\xe9'\n", "not text in the encoding `utf-8`", CODING, 3),
        (b"# coding: ascii\n\n'\xe9'\n", "not text in the encoding `ascii`", CODING, 3),
        (b"# coding: nonsense\n", "unknown encoding: nonsense", CODING, 1),
        (b"a\nb\0\n", "it contains a NUL", "see whether it is a file of Python code", 2),
        (b"# coding: utf-7\n'+AOk-a'\n+AGE-\n", "text in `utf-7` does not come back as it was", "save it in UTF-8", 0),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, reason: str, hint: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        source.read(str(path))
    assert (caught.value.reason, caught.value.hint, caught.value.line) == (reason, hint, line)
    assert str(caught.value) == f"{reason}; {hint}"


@pytest.mark.parametrize("data", [b"'\xe9'\n", b"a\n'\xe9'\n", b"# coding: rot13\nx\n"])
def test_more_of_it(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(data)
    with pytest.raises(SourceError, match="declare its encoding"):
        source.read(str(tmp_path / "a.py"))


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^no such file or directory; check the name and its permissions$"):
        source.read(str(tmp_path / "none.py"))
    with pytest.raises(SourceError, match=r"^not a regular file; name files and folders$"):
        source.read(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(SourceError, match=r"^not a regular file"):
        source.read(str(tmp_path / "a.py"))


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"a\n")
    source.write(source.read(str(path)), b"b\r\n")
    assert path.read_bytes() == b"b\r\n"
    assert os.listdir(tmp_path) == ["a.py"]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows only the bit for writing")
@pytest.mark.parametrize("mode", [0o755, 0o600, 0o640, 0o4711])
def test_permissions_are_kept(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"a\n")
    path.chmod(mode)
    source.write(source.read(str(path)), b"b\n")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"a\n")
    os.chown(path, 12345, 23456)
    source.write(source.read(str(path)), b"b\n")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    target, link = tmp_path / "sub" / "a.py", tmp_path / "b.py"
    target.write_bytes(b"a\n")
    try:
        link.symlink_to(Path("sub", "a.py"))
    except OSError:
        pytest.skip("this system lets us make no symbolic links")
    source.write(source.read(str(link)), b"b\n")
    assert link.is_symlink()
    assert target.read_bytes() == b"b\n"


def test_a_read_only_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"a\n")
    file = source.read(str(path))
    path.chmod(0o444)
    with pytest.raises(SourceError, match=r"^it is read-only; give it write permission$"):
        source.write(file, b"b\n")
    assert path.read_bytes() == b"a\n"
    assert os.listdir(tmp_path) == ["a.py"]
    path.chmod(0o644)


def test_a_file_that_has_changed_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"a\n")
    file = source.read(str(path))
    path.write_bytes(b"c\n")
    with pytest.raises(SourceError, match=r"^it has changed since it was read; run procrun migrate again$"):
        source.write(file, b"b\n")
    assert path.read_bytes() == b"c\n"
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_file_that_has_gone_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"a\n")
    file = source.read(str(path))
    path.unlink()
    with pytest.raises(SourceError, match=r"^no such file or directory; see what its folder allows$"):
        source.write(file, b"b\n")
    assert os.listdir(tmp_path) == []
