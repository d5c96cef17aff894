#include "net/rpc/json_call.hpp"

#include "actors/process.hpp"
#include "net/rpc/call.hpp"
#include "net/rpc/json_codec.hpp"

#include <algorithm>
#include <memory>

namespace beamline::net::rpc {

namespace {

using done_function = std::function<void(result<json>)>;

error error_of(const failure& f, const std::string& where) {
  auto text = where + ": " + to_string(f);
  const auto* e = f.as<rpc_error>();
  if (e == nullptr)
    return {f.is_undef() ? errc::not_found : errc::conflict, text};
  switch (e->what) {
    case rpc_error::kind::noconnection: return {errc::unavailable, text};
    case rpc_error::kind::timeout: return {errc::timeout, text};
    case rpc_error::kind::notsup: return {errc::unsupported, text};
    case rpc_error::kind::badarg: return {errc::invalid, text};
    case rpc_error::kind::system_limit: return {errc::busy, text};
  }
  return {errc::conflict, text};
}

std::string names_of(const procedure_list& l) {
  std::string all;
  for (const auto& p : l.procedures)
    all += (all.empty() ? "" : ", ") + p.name;
  return all.empty() ? "none at all" : all;
}

json json_of(const procedure_description& p, const procedure_list& l) {
  auto request = json::object();
  for (const auto& m : l.messages)
    if (m.name == p.request)
      for (const auto& f : m.fields)
        request[f.name] = f.type;
  return {{"name", p.name},
          {"request", p.request.empty() ? json("octets") : request},
          {"reply", p.reply.empty() ? "octets" : p.reply}};
}

void call_described(process& self, const std::string& node, const procedure_description& p, const procedure_list& l,
                    const json& arguments, time_limit within, const done_function& done) {
  auto where = p.name + " on " + node;
  if (p.request.empty())
    return done(
        error{errc::unsupported, where + " takes octets that it has not described; it cannot be called with JSON"});
  auto codec = std::make_shared<json_codec>(l.messages);
  auto octets = codec->encode(p.request, arguments);
  if (!octets)
    return done(octets.error().in(where));
  detail::start(process_access{self}, {detail::target::by::node, node}, p.name, std::move(*octets), within,
                [done, codec, where, reply = p.reply](raw_outcome o) {
                  if (const auto* f = std::get_if<failure>(&o))
                    return done(error_of(*f, where));
                  auto value = codec->decode(reply, std::get<bytes>(o));
                  done(value ? std::move(value) : value.error().in("the value of " + where));
                });
}

}  // namespace

void call_with_json(process& self, const std::string& node, const std::string& procedure, json arguments,
                    time_limit within, done_function done) {
  auto until = within.is_infinite() ? within : [&] {
    auto left = within.from(process_access{self}.now());
    return left ? time_limit::until(process_access{self}.now() + *left) : within;
  }();
  auto& owner = self;
  call<procedure_list>(self, node, describe_procedures{}, until)
      .then(
          [&owner, node, procedure, arguments = std::move(arguments), until, done](const procedure_list& l) {
            auto p = std::find_if(l.procedures.begin(), l.procedures.end(),
                                  [&](const auto& one) { return one.name == procedure; });
            if (p == l.procedures.end())
              return done(error{errc::not_found, node + " has no procedure " + procedure + "; it has " + names_of(l)});
            call_described(owner, node, *p, l, arguments, until, done);
          },
          [node, done](const failure& f) { done(error_of(f, "the procedures of " + node)); });
}

void list_procedures(process& self, const std::string& node, time_limit within, done_function done) {
  call<procedure_list>(self, node, describe_procedures{}, within)
      .then(
          [done](const procedure_list& l) {
            auto all = json::array();
            for (const auto& p : l.procedures)
              all.push_back(json_of(p, l));
            done(all);
          },
          [node, done](const failure& f) { done(error_of(f, "the procedures of " + node)); });
}

}  // namespace beamline::net::rpc
