"""Rewrite programs that use Python 2's modules for processes and threads.

A file goes through these, each of which knows only those before it:

    names                            what each old name is today
    notes edits                      what is said about a place, and what is changed in the text
    source                           a file's bytes as text, and back
    tree branches bindings           the syntax tree: scopes, code for Python 2 only, what imports bind
    modules kinds objects statuses strings
                                     what is done about modules, methods of threads, statuses, names in strings
    rewrite                          all of it, for one text
    paths run                        for the files that somebody names

`tree` and all that stand on it need libcst (`pip install 'procrun[migrate]'`); importing this
package, or `run`, does not load it.
"""
