# Makes the comment of a plan, as `terraform show -json` shows it: each chain that changes, as GitHub draws Mermaid. Of a chain that is
# changed, the picture before is folded away below the one after. Empty when no chain changes.

def fence: "```mermaid\n" + . + "```\n";

def folded($title): "<details><summary>" + $title + "</summary>\n\n" + fence + "\n</details>\n";

def picture:
  if .change.after_unknown.diagram == true then "The diagram is known after apply: something in the chain is.\n"
  elif .change.after == null then .change.before.diagram | fence
  else .change.after.diagram | fence
  end;

def verb:
  { create: "is created", update: "is changed", delete: "is destroyed" } as $verbs
  | if .change.actions | length == 2 then "is replaced" else $verbs[.change.actions[0]] end;

[
  .resource_changes[]?
  | select(.type == "qlik_task_chain" and .mode == "managed" and (.change.actions | . != ["no-op"] and . != ["read"]))
  | "### `" + .address + "` " + verb + "\n\n" + picture
    + if .change.before != null and .change.after != null and .change.before.diagram != .change.after.diagram
      then "\n" + (.change.before.diagram | folded("before"))
      else ""
      end
]
| if length == 0 then empty else "<!-- qlik-task-chain-diagram -->\n" + join("\n") end
