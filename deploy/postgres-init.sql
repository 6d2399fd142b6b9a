-- Run once, when the server's volume is new; on an older one, what was added since is created by hand. The health check asks for the first one.
create database countermand_order;
create database countermand_inventory;
create database countermand_logistics;
create database countermand_payment;
create database countermand_gateway;
create database countermand_console;
