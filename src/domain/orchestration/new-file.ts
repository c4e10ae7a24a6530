import { failures } from '../failure.ts';

/** Throws `usage` for what is no id of a workflow. */
export function assertWorkflowId(id: string): void {
  if (/^[A-Za-z0-9][\w.-]{0,99}$/.test(id)) return;
  throw failures.usage(
    `'${id}' is no workflow id: letters, digits, '-', '_' and '.', at most 100`,
    'wt orchestration init sao-crosspoll-20260110-001 --project PROJ-006-multi-instance',
  );
}

/** The text of a new file, in the shape of Jerry's template (schema 2.0.0). Times are text, in quotes. */
export const newOrchestrationFile = (facts: {
  readonly workflowId: string;
  readonly projectId: string;
  readonly time: string;
}): string => `# ORCHESTRATION.yaml
# Machine-readable orchestration state for multi-agent workflows
# Document ID: ${facts.projectId}-ORCH-STATE
# Version: 2.0

schema_version: "2.0.0"

# =============================================================================
# WORKFLOW METADATA
# =============================================================================
workflow:
  id: "${facts.workflowId}"
  name: "${facts.workflowId}"
  project_id: "${facts.projectId}"
  version: "2.0"
  created_at: "${facts.time}"
  updated_at: "${facts.time}"
  status: "ACTIVE"  # ACTIVE | PAUSED | COMPLETE | FAILED | CANCELLED
  started_at: null
  completed_at: null

# =============================================================================
# PATH CONFIGURATION
# =============================================================================
paths:
  base: "orchestration/${facts.workflowId}/"
  pipeline: "{base}{pipeline_alias}/{phase_id}/{agent_id}/"
  barrier: "{base}cross-pollination/{barrier_id}/{direction}/"

# =============================================================================
# PIPELINE DEFINITIONS
# =============================================================================
pipelines:
  pipeline_a:
    id: "pipeline-a"
    name: "Pipeline A"
    short_alias: "a"
    status: "PENDING"  # PENDING | IN_PROGRESS | COMPLETE | BLOCKED
    phases:
      - id: 1
        name: "Phase 1"
        path_id: "phase-1"
        status: "PENDING"  # PENDING | IN_PROGRESS | COMPLETE | BLOCKED
        started_at: null
        completed_at: null
        agents:
          - id: "agent-a-001"
            name: "Agent A 001"
            status: "PENDING"
            artifact: null

# =============================================================================
# SYNC BARRIERS
# =============================================================================
barriers: []
  # - id: "barrier-1"
  #   status: "PENDING"  # PENDING | IN_PROGRESS | COMPLETE
  #   completed_at: null
  #   depends_on:
  #     - "pipeline_a.phase.1"

# =============================================================================
# EXECUTION QUEUE
# =============================================================================
execution_queue:
  current_group: 1
  groups:
    - id: 1
      name: "Phase 1 Agents"
      execution_mode: "PARALLEL"  # PARALLEL | SEQUENTIAL
      status: "READY"  # READY | IN_PROGRESS | COMPLETE | BLOCKED
      agents:
        - "agent-a-001"

# =============================================================================
# CHECKPOINTS
# =============================================================================
checkpoints:
  latest_id: null
  entries: []

# =============================================================================
# BLOCKERS AND ISSUES
# =============================================================================
blockers:
  active: []

issues:
  resolved: []

# =============================================================================
# RESUMPTION CONTEXT
# =============================================================================
resumption:
  last_checkpoint: null
  next_step: "Execute Phase 1 agents"
  files_to_read:
    - "ORCHESTRATION.yaml"
  cross_session_portable: true
  ephemeral_references: false
`;
