#!/usr/bin/env node
import '../dist/wt.js';
