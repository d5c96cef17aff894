#include "pubsub/groups.hpp"

#include "actors/peers.hpp"
#include "actors/process_table.hpp"

namespace beamline::pubsub::groups {

namespace {

std::shared_ptr<const group_table> table_of(const environment& env, std::string_view scope) {
  return env.get<scope_list>().find(scope, env.processes());
}

}  // namespace

pid scope_on(const environment& env, std::string_view scope) { return {env.self(), "pg:" + std::string{scope}}; }

std::vector<pid> get_members(const environment& env, const std::string& group, std::string_view scope) {
  auto table = table_of(env, scope);
  return table ? table->members(group, env.peers().list()) : std::vector<pid>{};
}

std::vector<pid> get_local_members(const environment& env, const std::string& group, std::string_view scope) {
  auto table = table_of(env, scope);
  return table ? table->local_members(group) : std::vector<pid>{};
}

std::vector<std::string> which_groups(const environment& env, std::string_view scope) {
  auto table = table_of(env, scope);
  return table ? table->names(env.peers().list()) : std::vector<std::string>{};
}

std::vector<std::string> which_local_groups(const environment& env, std::string_view scope) {
  auto table = table_of(env, scope);
  return table ? table->local_names() : std::vector<std::string>{};
}

}  // namespace beamline::pubsub::groups
