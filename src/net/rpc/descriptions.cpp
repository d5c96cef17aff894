#include "net/rpc/descriptions.hpp"

#include "net/rpc/procedure.hpp"

namespace beamline::net::rpc {

namespace {

void add_message(std::map<std::string, message_description>& to, const message_contract& types, std::string_view type) {
  const auto* schema = types.find(innermost_type(type));
  if (schema == nullptr || to.contains(schema->name))
    return;
  message_description d{schema->name, schema->version, {}};
  for (const auto& f : schema->fields)
    d.fields.push_back({f.name, f.type});
  to.emplace(schema->name, std::move(d));
  for (const auto& f : schema->fields)
    add_message(to, types, f.type);
}

}  // namespace

std::string_view innermost_type(std::string_view type) {
  auto begin = type.find_last_of('<');
  if (begin == std::string_view::npos)
    return type;
  return type.substr(begin + 1, type.find('>', begin) - begin - 1);
}

procedure_list describe(const procedure_map& all, const std::string& only) {
  procedure_list list;
  std::map<std::string, message_description> messages;
  for (const auto& [name, p] : all) {
    if (!only.empty() && name != only)
      continue;
    list.procedures.push_back({name, p->request_type, p->reply_type});
    add_message(messages, p->types, p->request_type);
    add_message(messages, p->types, p->reply_type);
  }
  for (auto& [name, m] : messages)
    list.messages.push_back(std::move(m));
  return list;
}

}  // namespace beamline::net::rpc
