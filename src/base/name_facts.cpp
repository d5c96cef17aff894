#include "base/name_facts.hpp"

#include "base/config/suggest.hpp"
#include "base/config/value.hpp"

#include <algorithm>
#include <vector>

namespace beamline {

namespace {

struct placeholder {
  std::string word;
  result<std::string> text;
};

/// `key` is what errors call the pattern.
result<std::string> expand(std::string_view key, std::string_view pattern, const std::vector<placeholder>& known) {
  auto complain = [&](errc code, const std::string& why) {
    return error{code, std::string{key} + " is " + config::quote(pattern) + ", " + why};
  };
  std::vector<std::string> words;
  std::string listing;
  for (const auto& one : known) {
    listing += (words.empty() ? "{" : ", {") + one.word + "}";
    words.push_back(one.word);
  }
  std::string out;
  for (auto todo = pattern; !todo.empty();) {
    auto brace = todo.find_first_of("{}");
    out += todo.substr(0, brace);
    if (brace == std::string_view::npos)
      break;
    auto rest = todo.substr(brace);
    auto end = rest.find('}');
    if (rest.front() == '}' || end == std::string_view::npos)
      return complain(errc::invalid, "which has a brace without its partner; known are " + listing);
    auto word = rest.substr(1, end - 1);
    auto at = std::find(words.begin(), words.end(), word);
    if (at == words.end()) {
      auto hint = config::closest(word, words);
      return complain(errc::invalid, "but " + config::quote(rest.substr(0, end + 1)) + " stands for nothing; "
                                         + (hint.empty() ? "known are " + listing : "did you mean {" + hint + "}?"));
    }
    const auto& text = known[static_cast<std::size_t>(at - words.begin())].text;
    if (!text)
      return complain(text.error().code, "but " + text.error().message);
    out += *text;
    todo = rest.substr(end + 1);
  }
  return out;
}

}  // namespace

name_facts collect_name_facts(const node_options& options, const system_facts& machine) {
  name_facts facts;
  facts.role = options.role;
  facts.machine_id = options.machine_id.empty() ? machine.machine_id() : result<std::string>{options.machine_id};
  facts.private_ip = options.private_ip.empty() ? machine.private_ip() : result<std::string>{options.private_ip};
  return facts;
}

result<std::string> expand_node_name(std::string_view pattern, const name_facts& facts) {
  auto text = expand("node.name", pattern,
                     {{"role", facts.role}, {"machine_id", facts.machine_id}, {"private_ip", facts.private_ip}});
  if (!text)
    return text;
  auto name = node_name::parse(*text);
  if (!name)
    return name.error().in("node.name is " + config::quote(pattern));
  return name->text();
}

result<std::filesystem::path> expand_data_dir(std::string_view pattern, const node_name& node) {
  auto text = expand("node.data_dir", pattern, {{"name", std::string{node.name()}}});
  if (!text)
    return std::move(text).error();
  return std::filesystem::path{*text};
}

}  // namespace beamline
