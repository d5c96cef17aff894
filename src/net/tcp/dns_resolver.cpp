#include "net/tcp/dns_resolver.hpp"

#include "net/tcp/address.hpp"
#include "net/tcp/dns_question.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace beamline::net {

namespace {

bool is_localhost(std::string name) {
  if (name.ends_with('.'))
    name.pop_back();
  for (auto& c : name)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name == "localhost" || name.ends_with(".localhost");
}

/// What needs no server.
std::optional<result<name_answer>> answer_here(dns_record what, const std::string& name) {
  if (name.empty())
    return error{errc::not_found, "a name without letters is in no DNS"};
  if (numeric_address({name, 0})) {
    if (what == dns_record::address)
      return name_answer{std::vector<endpoint>{{name, 0}}};
    return error{errc::not_found, "\"" + name + "\" is an address, it has no services; name the endpoint instead"};
  }
  if (what == dns_record::address && is_localhost(name))
    return name_answer{std::vector<endpoint>{{"127.0.0.1", 0}, {"::1", 0}}};
  return std::nullopt;
}

}  // namespace

struct dns_resolver::impl final : net_thread::resident, std::enable_shared_from_this<impl> {
  impl(net_thread& h, options o) : resident{h}, settings{std::move(o)} {}

  void evict() override { questions.clear(); }

  struct question {
    on_answer done;
    std::unique_ptr<dns_question> asked;
  };

  options settings;
  std::map<std::uint64_t, question> questions;
  std::uint64_t last_id = 0;
};

dns_resolver::dns_resolver(std::shared_ptr<impl> i) : impl_{std::move(i)} {}

dns_resolver::~dns_resolver() { impl_->evict(); }

result<std::unique_ptr<dns_resolver>> dns_resolver::make(net_thread& home, options o) {
  if (auto fine = check_dns_servers(o.servers); !fine)
    return fine.error();
  return std::unique_ptr<dns_resolver>{new dns_resolver{std::make_shared<impl>(home, std::move(o))}};
}

void dns_resolver::resolve(dns_record what, const std::string& name, on_answer done) {
  auto id = ++impl_->last_id;
  auto is_full = impl_->questions.size() >= questions_max;
  auto& q = impl_->questions[id];
  q.done = std::move(done);
  auto end = [self = std::weak_ptr{impl_}, id](result<name_answer> how) {
    if (auto i = self.lock())
      if (auto over = i->questions.extract(id); !over.empty())
        over.mapped().done(std::move(how));
  };
  auto at_once = answer_here(what, name);
  if (!at_once && is_full)
    at_once = error{errc::unavailable, "\"" + name + "\" was not asked for: " + std::to_string(questions_max)
                                           + " questions are under way already"};
  if (at_once)
    return impl_->home().post([end, how = std::move(*at_once)] { end(how); });
  q.asked = ask_dns(impl_->home(), impl_->settings, what, name, std::move(end));
}

}  // namespace beamline::net
