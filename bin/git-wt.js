#!/usr/bin/env node
// Found by git as `git wt …`.
require('./wt.js');
