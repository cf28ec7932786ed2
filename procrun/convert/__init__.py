"""What a written pipeline becomes besides running: composed of parts, or said in another language.

Trees come in, trees and texts go out; nothing is looked up, opened or started here. One file for
each target, named for it.
"""
