#include "testing/check/sender_order.hpp"

#include "actors/events.hpp"
#include "actors/process.hpp"
#include "testing/check/evidence.hpp"
#include "testing/world.hpp"

#include <caf/mailbox_element.hpp>

namespace beamline::testing {

namespace {

const std::type_info* type_of(const caf::mailbox_element& m) {
  const auto& content = m.content();
  return content.empty() ? nullptr : content.type(0).second;
}

std::string name_of(const std::type_info* type) { return type == nullptr ? "a message" : readable_name(*type); }

}  // namespace

sender_order::address sender_order::address_of(const process& p) {
  auto self = p.self();
  return {self.node().incarnation, self.id()};
}

void sender_order::on_start(simulated_node& n) {
  listen<process_ended>(n, [this, incarnation = n.incarnation()](const process_ended& e) {
    inboxes_.erase({incarnation, e.id});
  });
}

void sender_order::on_end(simulated_node& n, node_end how) {
  telemetry_checker::on_end(n, how);
  inboxes_.erase(inboxes_.lower_bound({n.incarnation(), 0}), inboxes_.lower_bound({n.incarnation() + 1, 0}));
}

void sender_order::on_send(const process* from, const process& to, const caf::mailbox_element& m) {
  if (from == nullptr || m.mid.category() == caf::message_id::urgent_message_category) {
    // At this place there may have been one that nobody handled.
    if (auto i = inboxes_.find(address_of(to)); i != inboxes_.end())
      i->second.mail.erase(&m);
    return;
  }
  auto& all = inboxes_[address_of(to)];
  auto sender = address_of(*from);
  all.mail[&m] = {sender, all.lines[sender].sent++, type_of(m)};
}

void sender_order::on_step(const process& receiver, const caf::mailbox_element* m) {
  auto i = inboxes_.find(address_of(receiver));
  if (m == nullptr || i == inboxes_.end())
    return;
  auto& all = i->second;
  auto found = all.mail.find(m);
  if (found == all.mail.end())
    return;
  auto mail = found->second;
  all.mail.erase(found);
  auto& l = all.lines[mail.from];
  if (mail.number != l.handled)
    report(receiver, all, mail);
  l.handled = mail.number + 1;
  if (l.handled == l.sent)
    all.lines.erase(mail.from);
  if (all.mail.empty())
    inboxes_.erase(i);
}

void sender_order::report(const process& receiver, const inbox& all, const waiting& early) {
  // The one it has overtaken: the oldest that waits. Or it was handled too late, and what came after it has been.
  const waiting* oldest = nullptr;
  for (const auto& [element, w] : all.mail)
    if (w.from == early.from && (oldest == nullptr || w.number < oldest->number))
      oldest = &w;
  auto sender = "<" + receiver.self().node().name + "." + std::to_string(early.from.process) + ">";
  auto text = who(receiver) + " handles " + name_of(early.type) + " of " + sender;
  if (oldest != nullptr && oldest->number < early.number)
    text += " before " + name_of(oldest->type) + ", which the same process sent "
          + std::to_string(early.number - oldest->number) + " sooner";
  else
    text += " out of order: later ones of the same process were handled already, or an earlier one was lost";
  fail(std::move(text));
}

}  // namespace beamline::testing
