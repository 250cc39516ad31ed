package main

import "context"

func board(ctx context.Context, s settings) error   { return nil }
func imports(ctx context.Context, s settings) error { return nil }
func start(ctx context.Context, s settings) error   { return nil }
