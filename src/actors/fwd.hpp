#pragma once

namespace beamline {

class environment;
class message_contract;
class node;
class peers;
class pid;
class process;
class process_access;
class process_table;
class remote_processes;
class timers;
struct call_error;
struct node_identity;
struct reason;

}  // namespace beamline
